const EVERY = 2000;
const part = document.getElementById('tally'), lost = document.querySelector('.lost');
const full = document.getElementById('full'), leave = document.getElementById('leave');
const from = document.querySelector('main').dataset.tally;

async function look() {
  try {
    const answer = await fetch(from, {cache: 'no-store'});
    if (!answer.ok) throw answer.status;
    const text = await answer.text();
    if (text !== look.shown) part.innerHTML = look.shown = text;
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  setTimeout(look, EVERY);
}

function go(event) {
  event.preventDefault();
  if (window.parent === window) window.location.href = leave.href;
  else window.parent.postMessage('leave-stage', window.location.origin);
}

leave.addEventListener('click', go);
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && !document.fullscreenElement) go(event);
});
if (window.parent === window && document.fullscreenEnabled) {
  const seen = () => { full.hidden = Boolean(document.fullscreenElement); };
  full.addEventListener('click', () => document.documentElement.requestFullscreen());
  document.addEventListener('fullscreenchange', seen);
  seen();
}
setTimeout(look, EVERY);
