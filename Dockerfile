# The app as an image, for a Hugging Face Space (Docker) or any container host.
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 user
USER user
ENV HOME=/home/user \
    PATH=/home/user/.local/bin:$PATH \
    CALM_HOME=/home/user/calm-studio \
    HF_HOME=/home/user/.cache/huggingface \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860
WORKDIR /home/user/app

COPY --chown=user requirements.lock requirements-no-deps.txt ./
RUN pip install --user --no-cache-dir -r requirements.lock && \
    pip install --user --no-cache-dir --no-deps -r requirements-no-deps.txt

COPY --chown=user app.py .
COPY --chown=user calm calm
COPY --chown=user ui ui
RUN python -m calm prepare

EXPOSE 7860
CMD ["python", "app.py"]
