// Files that the page makes or has fetched itself, for the reader to keep.

import { h } from "./dom.js";

export function keepFile(name, blob) {
	const address = URL.createObjectURL(blob);
	h("a", { href: address, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// RFC 4180; what a spreadsheet would compute is kept as text, as the office's own files do.
export function csv(rows) {
	const cell = (value) => {
		const text = String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&");
		return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
	};
	return new Blob(rows.map((row) => row.map(cell).join(",") + "\r\n"), { type: "text/csv" });
}
