# The application as an image, from the same locks as everywhere else. Pin the base images by digest where yours come
# from a registry of your own: FROM python:3.11-slim@sha256:…
FROM node:22-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY . .
COPY --from=assets /assets/node_modules node_modules
# Translations and static files are made here: the container's file system is read-only. The embedded
# settings name the files as production does and need no secret.
RUN .venv/bin/python -m repository.translations \
 && REPOSITORY_VAR=/tmp/build .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && mv /tmp/build/static staticfiles && rm -rf node_modules

FROM python:3.11-slim
# The programs that steps call to make files readable (docs/processing.md).
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg libimage-exiftool-perl antiword catdoc \
      libarchive13 libmagic1 tesseract-ocr tesseract-ocr-kor \
      libreoffice-writer-nogui libreoffice-impress-nogui libreoffice-calc-nogui fonts-nanum fonts-unfonts-core \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 repository \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin repository \
 && install -d -o repository -g repository -m 0700 /var/lib/repository /run/ledger
WORKDIR /app
COPY --from=build --chown=root:root /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=repository.settings.production \
    STATIC_ROOT=/app/staticfiles \
    STORAGE_DIR=/var/lib/repository
USER 10001:10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "32", "repository.wsgi:application"]
