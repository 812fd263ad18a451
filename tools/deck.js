// Says of the present screen what it is called, and by how many pixels it is too large.
() => {
  const slide = Reveal.getCurrentSlide();
  const find = (...selectors) => selectors.map((selector) => slide.querySelector(selector)).find((found) => found);
  const title = find("h1, h2, h3, h4", ".jp-RenderedMarkdown", ".highlight") ?? slide;

  // what is seen of an element is what lies in the window, and in all that cuts off around it
  const window_ = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  function frames(element) {
    const outer = element === slide ? [window_] : frames(element.parentElement);
    const cuts = getComputedStyle(element).overflowX !== "visible";
    return cuts ? [...outer, element.getBoundingClientRect()] : outer;
  }
  const excess = { width: 0, height: 0 };
  function look(box, element) {
    if (!box.width || !box.height) return;
    for (const frame of frames(element)) {
      excess.width = Math.max(excess.width, box.right - frame.right, frame.left - box.left);
      excess.height = Math.max(excess.height, box.bottom - frame.bottom, frame.top - box.top);
    }
  }
  const nodes = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode, range = document.createRange();
    range.selectNode(node);
    if (node.nodeType === Node.TEXT_NODE && node.data.trim()) look(range.getBoundingClientRect(), node.parentElement);
    else if (["IMG", "svg", "TABLE"].includes(node.nodeName)) look(node.getBoundingClientRect(), node.parentElement);
  }
  return {
    title: title.textContent.trim().split("\n")[0].replace("¶", "").slice(0, 60),
    height: Math.round(excess.height),
    width: Math.round(excess.width),
  };
}
