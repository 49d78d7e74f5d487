// Finds what covers something else, sticks out of the window, or is cut off without an ellipsis.
(() => {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
    const parts = "h1, h2, header p, code, .about, #chat-role, .state, button, label, input, caption, th, td, .foot span, .rows";
    const shown = [...document.querySelectorAll(parts)].filter((part) => part.checkVisibility() && part.getClientRects().length > 0);
    const name = (part) => `${part.tagName} ${part.id} ${part.textContent.slice(0, 30)}`;
    for (const part of [...shown, ...document.querySelectorAll("#events span, #lines li")]) {
        const cut = part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== "inline";
        if (cut && getComputedStyle(part).textOverflow !== "ellipsis") found.push(`cut off: ${name(part)}`);
    }
    const boxes = shown.map((part) => ({ part, box: part.getBoundingClientRect() }));
    for (const { part, box } of boxes) {
        if (box.left < 0 || box.right > innerWidth + 1) found.push(`outside: ${name(part)}`);
    }
    boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => {
        if (a.part.contains(b.part) || b.part.contains(a.part)) return;
        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (wide > 1 && high > 1) found.push(`over each other: ${name(a.part)} and ${name(b.part)}`);
    }));
    return found;
})()
