# The origin: api, worker and migrate, by argument.
#   docker build -f docker/origin.Dockerfile -t localhost/trustyconvert/origin .
ARG DEBIAN=debian:trixie-slim
ARG NODE=node:24.21.0-trixie-slim

FROM ${NODE} AS packages
WORKDIR /app
COPY docker/only-packages.mjs /only-packages.mjs
COPY package.json package-lock.json ./
# `node` is the image's own, and only engines use sharp.
RUN --mount=type=cache,target=/root/.npm \
    node /only-packages.mjs --without node sharp \
 && npm install --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
 && mkdir /sbom && npm sbom --omit=dev --sbom-format=cyclonedx >/sbom/npm.cdx.json \
 && rm package-lock.json

FROM ${DEBIAN} AS origin
RUN mkdir -p /usr/share/sbom && dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' >/usr/share/sbom/debian.tsv
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /sbom/ /usr/share/sbom/
WORKDIR /app
COPY --from=packages /app ./
COPY docker/healthy.mjs ./
COPY contract ./contract
COPY origin ./origin
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8788
USER 10001:10001
EXPOSE 8788
ENTRYPOINT ["/usr/local/bin/node", "origin/main.ts"]
CMD ["api"]
# Each check starts a program: often enough to notice, rare enough to cost nothing.
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 \
  CMD ["/usr/local/bin/node", "healthy.mjs", "http://127.0.0.1:8788/health/ready"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="TrustyConvert origin" \
      org.opencontainers.image.description="The api, the worker or the migrations of TrustyConvert, by argument." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
