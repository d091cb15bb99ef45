"""On the page `Ask`: the button that puts a question on stage, once it has been answered."""

import gradio as gr

from ui.parts.events import QUIET
from ui.text.words import word

OPEN = """
link => {
  const asked = new URL(link, window.location.href).searchParams.get('asked');
  if (!asked) return;
  const button = document.getElementById('ask-stage'), frame = document.createElement('iframe');
  frame.id = 'stage-frame';
  frame.title = button.innerText;
  frame.allow = 'fullscreen';
  frame.src = `?asked=${encodeURIComponent(asked)}&stage=1`;
  const heard = event => {
    if (event.source === frame.contentWindow && event.data === 'leave-stage') leave();
  };
  const changed = () => { if (!document.fullscreenElement) leave(); };
  const leave = () => {
    window.removeEventListener('message', heard);
    document.removeEventListener('fullscreenchange', changed);
    if (document.fullscreenElement) document.exitFullscreen();
    frame.remove();
    button.focus();
  };
  window.addEventListener('message', heard);
  frame.addEventListener('load', () => frame.contentWindow.focus());
  document.body.append(frame);
  frame.requestFullscreen?.().then(
    () => document.addEventListener('fullscreenchange', changed), () => {});
}
"""
"""Lays the stage over the page, in full screen where the browser lets it; it says when to leave."""


def stage_button(link: gr.Textbox) -> None:
    """Lay the button out; it is seen while the field of the question's `link` is."""
    button = gr.Button(word("stage.button"), elem_id="ask-stage")
    button.click(None, link, None, js=OPEN, **QUIET)
