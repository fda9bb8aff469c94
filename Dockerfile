# Two stages: the first has what it takes to install, the second only what it takes to run.
FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /build

# The locks first: a change of the source alone does not install everything again.
COPY requirements-bootstrap.txt requirements.txt ./
RUN pip install --require-hashes --only-binary :all: -r requirements-bootstrap.txt \
    && python -m venv --without-pip /opt/strata \
    && uv pip sync --python /opt/strata/bin/python --require-hashes --no-build requirements.txt

COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY graphs graphs
COPY prompts prompts
COPY policies policies
# The builder is needed to install the project and not afterwards.
RUN uv pip install --python /opt/strata/bin/python --no-deps --no-build-isolation . \
    && uv pip uninstall --python /opt/strata/bin/python hatchling editables trove-classifiers


FROM python:3.11-slim-bookworm

RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin strata \
    && install -d -o strata -g strata -m 0700 /data

COPY --from=build /opt/strata /opt/strata

# It listens on loopback unless STRATA_HOST says otherwise, as compose.yaml does.
ENV PATH=/opt/strata/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STRATA_DIRECTORY=/data \
    STRATA_PORT=8080

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['STRATA_PORT']}/healthz\", timeout=4)"]

ENTRYPOINT ["strata"]
CMD ["run"]
