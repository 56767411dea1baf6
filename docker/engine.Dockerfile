# The engine box: LibreOffice, Poppler, qpdf and Tesseract with the engine role and the contract. No secret, no other part of the house.
#   docker build -f docker/engine.Dockerfile -t localhost/trustyconvert/engine .
ARG DEBIAN=debian:trixie-slim
ARG NODE=node:24.21.0-trixie-slim

FROM ${NODE} AS packages
WORKDIR /app
COPY docker/only-packages.mjs /only-packages.mjs
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    node /only-packages.mjs zod sharp \
 && npm install --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
 && mkdir /sbom && npm sbom --omit=dev --sbom-format=cyclonedx >/sbom/npm.cdx.json \
 && rm package-lock.json

FROM ${DEBIAN} AS python
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
ARG UNOSERVER=3.7
ARG MSOFFCRYPTO=6.1.0
# The system's packages too, because LibreOffice's Python bindings are among them.
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv --system-site-packages /opt/unoserver \
 && /opt/unoserver/bin/pip install --quiet --disable-pip-version-check "unoserver==$UNOSERVER" "msoffcrypto-tool==$MSOFFCRYPTO" \
 && mkdir /sbom && /opt/unoserver/bin/pip list --local --format=json >/sbom/python.json \
 && rm -rf /opt/unoserver/lib/python3*/site-packages/pip*

FROM ${DEBIAN} AS engine
# Languages of tesseract (Debian's names, as in `deu chi-sim`), and fonts beside those that measure as Microsoft's do.
ARG OCR_LANGUAGES="eng osd"
ARG FONTS="fonts-noto-cjk"
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libreoffice-writer libreoffice-calc libreoffice-impress libreoffice-draw python3-uno \
      poppler-utils qpdf tini util-linux \
      tesseract-ocr $(printf 'tesseract-ocr-%s ' $OCR_LANGUAGES) \
      fontconfig fonts-dejavu-core fonts-liberation fonts-crosextra-carlito fonts-crosextra-caladea $FONTS \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
 && fc-cache -f \
 && mkdir -p /usr/share/sbom /work && dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' >/usr/share/sbom/debian.tsv
# A program that its user may run but not read is one whose memory the user's other programs may not touch.
COPY --from=packages --chmod=0711 /usr/local/bin/node /usr/local/bin/node
COPY --from=python /opt/unoserver /opt/unoserver
COPY --from=python /sbom/ /usr/share/sbom/
COPY --from=packages /sbom/ /usr/share/sbom/
WORKDIR /app
COPY --from=packages /app ./
COPY docker/healthy.mjs ./
COPY contract ./contract
COPY origin/engine ./origin/engine
ENV NODE_ENV=production LANG=C.UTF-8 HOME=/work TMPDIR=/tmp \
    BOX_LISTEN=tcp://0.0.0.0:8790 BOX_SANDBOX=container BOX_WORKSPACE=/work UNOSERVER_PYTHON=/opt/unoserver/bin/python
USER 10002:10002
EXPOSE 8790
# LibreOffice leaves processes behind, which the first process must reap.
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/node", "--disable-sigusr1", "origin/engine/main.ts"]
# Each check starts a program: often enough to notice, rare enough to cost nothing.
HEALTHCHECK --interval=15s --timeout=6s --start-period=180s --retries=3 \
  CMD ["/usr/local/bin/node", "healthy.mjs", "http://127.0.0.1:8790/health"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="TrustyConvert engine" \
      org.opencontainers.image.description="A sealed box that converts documents; it needs no network, no secret and no volume." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
