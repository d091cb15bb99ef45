"""What scripts call, through `gradio_client` or plain HTTP."""
