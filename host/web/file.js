// Files that the page makes or has fetched itself, for the reader to keep.

import { button, h } from "./dom.js";
import { t } from "./words.js";

export function keepFile(name, blob) {
	const address = URL.createObjectURL(blob);
	h("a", { href: address, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// A text to select, and a button that copies it: a page without TLS has no clipboard of its own.
export function copyable(label, text, said) {
	const input = h("input", { readonly: true, value: text, "aria-label": label, onclick: (event) => event.target.select() });
	const told = h("span", { class: "good", role: "status" });
	const copy = async () => {
		if (navigator.clipboard) {
			await navigator.clipboard.writeText(text).catch(() => input.select());
		} else {
			input.select();
			document.execCommand("copy");
		}
		told.textContent = t("copied");
		said();
	};
	return h("div", { class: "copyable" }, input, button(t("copy"), copy, { name: `${t("copy")}, ${label}` }), told);
}

// RFC 4180; what a spreadsheet would compute is kept as text, as the office's own files do.
export function csv(rows) {
	const cell = (value) => {
		const text = String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&");
		return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
	};
	return new Blob(rows.map((row) => row.map(cell).join(",") + "\r\n"), { type: "text/csv" });
}
