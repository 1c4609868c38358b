#include "host/cli/said.h"

#include "firmware/wire/control_wire.h"

#include <string.h>

/* Those that a person gets who asked for what is not there. Each stands in firmware/door to the
 * letter; a test looks. Requests that are malformed are no person's, and stay English. */
static const char *const sentences[][2] = {
	{LQ_CONTROL_OFFICE_TEXT, "le bureau tient la liste : la modifier là-bas"},
	{"no such profile: \"always\" is built in, loquet profile set makes others",
		"pas de tel profil : « always » est fourni, loquet profile set en crée d’autres"},
	{"no such badge: see loquet badge list", "pas de tel badge : voir loquet badge list"},
	{"no such access point or schedule: see loquet status and loquet schedule set",
		"pas de tel accès ou horaire : voir loquet status et loquet schedule set"},
	{"no such group of special days: loquet day add makes it",
		"pas de tel groupe de jours particuliers : loquet day add le crée"},
	{"no such schedule: loquet schedule set makes it",
		"pas de tel horaire : loquet schedule set le crée"},
	{"no such special day: see loquet day list",
		"pas de tel jour particulier : voir loquet day list"},
	{"no such member: see loquet member list", "pas de tel membre : voir loquet member list"},
	{"this badge is enrolled already: see loquet badge list",
		"ce badge est déjà enregistré : voir loquet badge list"},
	{"the profile \"always\" cannot be changed", "le profil « always » ne se modifie pas"},
	{"the disk, or the table, is full: make room and try again",
		"le disque, ou la table, est plein : faire de la place et réessayer"},
	{"no such door: see loquet status", "pas de telle porte : voir loquet status"},
	{"the door's mode refuses it (Blocked or LockedDown): see loquet status, and loquet door "
	 "mode",
		"le mode de la porte le refuse (Blocked ou LockedDown) : voir loquet status et "
		"loquet door mode"},
	{"the fire input is still active", "l’entrée incendie est encore active"},
	{"no fire waits to be confirmed at this door",
		"aucun incendie n’attend d’être confirmé à cette porte"},
	{"no fire waits to be confirmed: nothing is frozen",
		"aucun incendie n’attend d’être confirmé : rien n’est figé"},
	{"by the badges, this member is not in", "d’après les badges, ce membre n’est pas là"},
	{"the journal does not reach that row yet", "le journal n’atteint pas encore cette ligne"},
	{"loquet-link is not running: start it with systemctl start loquet-link",
		"loquet-link ne tourne pas : le démarrer avec systemctl start loquet-link"},
	{"the file of the maintainers cannot be read: see the log",
		"le fichier des mainteneurs ne peut être lu : voir le journal système"},
	{"too much is waiting for the disk: try again later",
		"trop de choses attendent le disque : réessayer plus tard"},
	{"the disk does not answer; the change is made when it does: see loquet status",
		"le disque ne répond pas ; la modification se fera quand il répondra : voir loquet "
		"status"},
};

const char *lq_said_in_french(const char *text)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (strcmp(sentences[i][0], text) == 0) {
			return sentences[i][1];
		}
	}
	return text;
}
