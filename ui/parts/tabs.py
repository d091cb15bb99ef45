"""Tabs by keyboard, as WAI-ARIA's pattern of tabs has them: Gradio's own take no arrows."""

ARROWS_MOVE_TABS = """() => {
  const tabsOf = list => [...list.querySelectorAll('[role=tab]')]
    .filter(tab => !tab.disabled && tab.checkVisibility({visibilityProperty: true}));
  const oneStop = list => {
    const tabs = tabsOf(list), chosen = tabs.find(tab => tab.ariaSelected === 'true') ?? tabs[0];
    for (const tab of tabs) tab.tabIndex = tab === chosen ? 0 : -1;
  };
  const next = (key, at, last, isRtl) => ({
    ArrowRight: isRtl ? at - 1 : at + 1, ArrowLeft: isRtl ? at + 1 : at - 1, Home: 0, End: last,
  })[key];
  document.addEventListener('keydown', event => {
    const tab = event.target.closest?.('[role=tab]'), list = tab?.closest('[role=tablist]');
    if (!list || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const tabs = tabsOf(list), last = tabs.length - 1;
    const to = next(event.key, tabs.indexOf(tab), last, getComputedStyle(list).direction === 'rtl');
    if (to === undefined) return;
    event.preventDefault();
    const chosen = tabs.at(to > last ? 0 : to);
    chosen.click();
    chosen.focus();
  });
  for (const list of document.querySelectorAll('[role=tablist]')) {
    oneStop(list);
    new MutationObserver(() => oneStop(list)).observe(
      list, {subtree: true, childList: true, attributes: true, attributeFilter: ['aria-selected']});
  }
}"""
"""Arrows go from tab to tab and show it, Home and End to the ends; the list is one stop of Tab.

Tabs that a narrow window puts behind the dots are chosen there.
"""
