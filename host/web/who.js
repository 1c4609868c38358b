// How somebody is called: by name, or as the member of a board that keeps its own roster, whose
// names never leave it.

import { t } from "./words.js";

export function who({ name, person }, unknown = t("somebody")) {
	const [, board, number] = /^(.+)\/(m\d+)$/.exec(person ?? "") ?? [];
	return name ?? (board ? t("who.local", number, board) : person ?? unknown);
}
