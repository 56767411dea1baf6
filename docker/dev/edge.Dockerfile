# For trying the system on one machine, never for production: the Worker under `wrangler dev`, with the R2 that it emulates.
ARG NODE=node:24.21.0-trixie-slim
FROM ${NODE}
WORKDIR /app
COPY docker/only-packages.mjs /only-packages.mjs
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    node /only-packages.mjs wrangler smol-toml hono @hono/zod-openapi zod jose aws4fetch ipaddr.js \
 && npm install --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
 && mkdir -p -m 0755 /dev-data /run/secrets && chown 10003:10003 /dev-data /run/secrets
COPY docker/healthy.mjs wrangler.toml ./
COPY contract ./contract
COPY edge ./edge
COPY origin/scanner ./origin/scanner
COPY scripts ./scripts
ENV HOME=/tmp
USER 10003:10003
ENTRYPOINT ["node"]
CMD ["scripts/compose/dev-edge.ts"]
LABEL org.opencontainers.image.title="TrustyConvert edge for development" \
      org.opencontainers.image.licenses="Apache-2.0"
