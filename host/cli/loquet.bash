# Completion of loquet for bash. The words come from the program's own help, so they cannot lag behind.
_loquet() {
	local word=${COMP_WORDS[COMP_CWORD]} before=() i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --lang) ((i++)) ;;
		-*) ;;
		*) before+=("${COMP_WORDS[i]}") ;;
		esac
	done
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "${before[@]:0:2}" --help \
			--lang en 2>/dev/null | grep -o '^  --[a-z-]*')" -- "$word")
	elif ((${#before[@]} < 2)); then
		mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --help --lang en 2>/dev/null |
			awk -v before="${before[0]-}" '/^  [a-z]/ {
				if (before == "") print $1
				else if ($1 == before && $2 ~ /^[a-z][a-z-]*$/) print $2
			}')" -- "$word")
	fi
}
complete -o default -F _loquet loquet
