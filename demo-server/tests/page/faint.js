// Finds text with less contrast to what is behind it than 4.5 : 1, and hints with less than 3 : 1 (WCAG 2.2, 1.4.3).
(() => {
    const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
        .getContext("2d", { willReadFrequently: true });
    // A canvas paints one color over another as the page does.
    const painted = (colors) => {
        context.clearRect(0, 0, 1, 1);
        for (const color of colors) {
            context.fillStyle = color;
            context.fillRect(0, 0, 1, 1);
        }
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([red, green, blue]) => {
        const [r, g, b] = [red, green, blue].map((value) => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (element, color) => {
        const behind = [];
        for (let at = element; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
        const [a, b] = [luminance(painted(behind)), luminance(painted([...behind, color]))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const found = [];
    const check = (element, color, least) => {
        const ratio = contrast(element, color);
        if (ratio < least) found.push(`${ratio.toFixed(2)} : 1 at ${element.tagName} ${element.id} ${element.className}`);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let count = 0;
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (texts.currentNode.data.trim() === "" || !element.checkVisibility()) continue;
        check(element, getComputedStyle(element).color, 4.5);
        count += 1;
    }
    check(document.getElementById("message"), getComputedStyle(document.getElementById("message"), "::placeholder").color, 3);
    return count > 40 ? found : [`only ${count} texts`];
})()
