#include "host/cli/commands.h"

#define END                                                                                        \
	{                                                                                          \
		LQ_OPTION_END, NULL, NULL,                                                         \
		{                                                                                  \
			NULL, NULL                                                                 \
		}                                                                                  \
	}

static const struct lq_option no_options[] = {END};

static const struct lq_option member_add_options[] = {
	{LQ_OPTION_VALUE, "profile", "PROFILE",
		{"access profile (default: always)", "profil d’accès (par défaut : always)"}},
	{LQ_OPTION_FLAG, "any-time", NULL,
		{"at any hour, whatever the profile's schedules say",
			"à toute heure, quels que soient les horaires du profil"}},
	{LQ_OPTION_FLAG, "extended-time", NULL,
		{"doors stay released and open for longer",
			"les portes restent déverrouillées et ouvertes plus longtemps"}},
	END,
};

static const struct lq_option member_set_options[] = {
	{LQ_OPTION_VALUE, "any-time", "yes|no",
		{"at any hour, whatever the profile's schedules say",
			"à toute heure, quels que soient les horaires du profil"}},
	{LQ_OPTION_VALUE, "extended-time", "yes|no",
		{"doors stay released and open for longer",
			"les portes restent déverrouillées et ouvertes plus longtemps"}},
	END,
};

static const struct lq_option badge_enrol_options[] = {
	{LQ_OPTION_VALUE, "uid", "HEX",
		{"the badge's UID instead of a tap", "l’UID du badge au lieu d’un passage"}},
	{LQ_OPTION_VALUE, "valid-from", "WHEN",
		{"first moment of validity", "premier instant de validité"}},
	{LQ_OPTION_VALUE, "valid-to", "WHEN",
		{"end of validity; a date alone is its last day",
			"fin de validité ; une date seule est le dernier jour"}},
	{LQ_OPTION_VALUE, "uses", "NUMBER", {"how many times it opens", "nombre d’ouvertures"}},
	{LQ_OPTION_VALUE, "valid-for", "30d|12h",
		{"how long from the first granted tap on",
			"durée à partir du premier passage autorisé"}},
	{LQ_OPTION_VALUE, "reader", "READER",
		{"only a tap at this reader counts", "seul ce lecteur compte"}},
	{LQ_OPTION_VALUE, "timeout", "SECONDS",
		{"how long to wait for the tap (default: 30)",
			"attente du passage (par défaut : 30)"}},
	END,
};

static const struct lq_option import_members_options[] = {
	{LQ_OPTION_FLAG, "dry-run", NULL,
		{"show what would change, and change nothing",
			"montrer ce qui changerait, sans rien changer"}},
	{LQ_OPTION_FLAG, "disable-missing", NULL,
		{"disable the members that the file does not name",
			"désactiver les membres que le fichier ne nomme pas"}},
	END,
};

static const struct lq_option import_badges_options[] = {
	{LQ_OPTION_FLAG, "dry-run", NULL,
		{"show what would change, and change nothing",
			"montrer ce qui changerait, sans rien changer"}},
	{LQ_OPTION_FLAG, "revoke-missing", NULL,
		{"revoke the badges that the file does not name",
			"révoquer les badges que le fichier ne nomme pas"}},
	END,
};

static const struct lq_option maintainer_add_options[] = {
	{LQ_OPTION_VALUE, "uid", "HEX",
		{"the badge's UID instead of a tap", "l’UID du badge au lieu d’un passage"}},
	{LQ_OPTION_VALUE, "reader", "READER",
		{"only a tap at this reader counts", "seul ce lecteur compte"}},
	{LQ_OPTION_VALUE, "timeout", "SECONDS",
		{"how long to wait for the tap (default: 30)",
			"attente du passage (par défaut : 30)"}},
	END,
};

static const struct lq_option badge_set_options[] = {
	{LQ_OPTION_VALUE, "uses", "NUMBER|any",
		{"how many times it still opens", "nombre d’ouvertures restantes"}},
	{LQ_OPTION_VALUE, "valid-for", "30d|12h|any",
		{"how long from the next granted tap on",
			"durée à partir du prochain passage autorisé"}},
	END,
};

static const struct lq_option badge_suspend_options[] = {
	{LQ_OPTION_VALUE, "until", "WHEN",
		{"when it opens again by itself; a date alone is its last day without",
			"quand il rouvre de lui-même ; une date seule est son dernier jour sans"}},
	END,
};

static const struct lq_option profile_set_options[] = {
	{LQ_OPTION_LIST, "at", "DOOR/entry[@SCHEDULE]",
		{"an access point, or * for all; with a schedule only at its hours",
			"un accès, ou * pour tous ; avec un horaire, à ses heures seulement"}},
	END,
};

static const struct lq_option schedule_set_options[] = {
	{LQ_OPTION_ANY, "on", "GROUP TIMES",
		{"the times of the special days of a group, or 'closed'",
			"les heures des jours particuliers d’un groupe, ou « fermé »"}},
	END,
};

static const struct lq_option day_add_options[] = {
	{LQ_OPTION_VALUE, "label", "TEXT", {"what people call it", "comment on l’appelle"}},
	END,
};

static const struct lq_option command_sign_options[] = {
	{LQ_OPTION_NEEDED, "key", "FILE",
		{"the key, from loquet key new", "la clé, de loquet key new"}},
	{LQ_OPTION_NEEDED, "as", "NAME",
		{"the NAME of the [command NAME] section that trusts the key",
			"le NAME de la section [command NAME] qui accepte la clé"}},
	{LQ_OPTION_VALUE, "to", "SPACE/CONTROLLER",
		{"whom it is meant for (default: the configuration's)",
			"le destinataire (par défaut : celui de la configuration)"}},
	{LQ_OPTION_VALUE, "door", "DOOR", {"the door that is meant", "la porte concernée"}},
	{LQ_OPTION_FLAG, "extended", NULL,
		{"open for longer, for who needs more time",
			"ouvrir plus longtemps, pour qui a besoin de temps"}},
	{LQ_OPTION_VALUE, "mode", "MODE", {"the door's mode", "le mode de la porte"}},
	{LQ_OPTION_FLAG, "unless-refusing", NULL,
		{"not at a door that is Blocked or LockedDown",
			"pas à une porte Blocked ou LockedDown"}},
	{LQ_OPTION_VALUE, "member", "MEMBER",
		{"the number of the member who gets the badge",
			"le numéro du membre qui reçoit le badge"}},
	{LQ_OPTION_VALUE, "reader", "READER",
		{"one reader of the door (default: any)",
			"un lecteur de la porte (par défaut : tous)"}},
	{LQ_OPTION_VALUE, "timeout", "SECONDS",
		{"how long to wait for the badge (default: 30)",
			"attente du badge (par défaut : 30)"}},
	{LQ_OPTION_VALUE, "from", "NUMBER",
		{"the row to publish again from", "la ligne à partir de laquelle republier"}},
	{LQ_OPTION_VALUE, "seconds", "SECONDS",
		{"how long it is good for (default: 60)", "durée de validité (par défaut : 60)"}},
	END,
};

static const struct lq_option journal_list_options[] = {
	{LQ_OPTION_VALUE, "from", "NUMBER", {"first row to show", "première ligne à montrer"}},
	{LQ_OPTION_VALUE, "limit", "NUMBER",
		{"how many rows, 0 for all (default: 50)",
			"nombre de lignes, 0 pour toutes (par défaut : 50)"}},
	{LQ_OPTION_VALUE, "type", "TYPE",
		{"only these events: access, access.granted …",
			"seulement ces événements : access, access.granted …"}},
	END,
};

static const struct lq_option journal_export_options[] = {
	{LQ_OPTION_VALUE, "from", "NUMBER", {"first row", "première ligne"}},
	{LQ_OPTION_VALUE, "to-file", "FILE",
		{"write there instead of standard output",
			"écrire là et non sur la sortie standard"}},
	{LQ_OPTION_FLAG, "proof", NULL,
		{"each row with its number and hashes", "chaque ligne avec numéro et empreintes"}},
	END,
};

static const struct lq_option journal_replay_options[] = {
	{LQ_OPTION_NEEDED, "from", "NUMBER",
		{"first row to publish again", "première ligne à republier"}},
	END,
};

static const struct lq_option onsite_options[] = {
	{LQ_OPTION_FLAG, "frozen", NULL,
		{"who was in when the fire began, until its end is confirmed",
			"qui était là au début de l’incendie, jusqu’à confirmation de sa fin"}},
	END,
};

static const struct lq_option open_options[] = {
	{LQ_OPTION_FLAG, "extended", NULL,
		{"for longer, for who needs more time",
			"plus longtemps, pour qui a besoin de temps"}},
	END,
};

static const struct lq_option door_hours_options[] = {
	{LQ_OPTION_FLAG, "first-person", NULL,
		{"not before the first member has come", "pas avant la venue du premier membre"}},
	END,
};

static const struct lq_option reasons_options[] = {
	{LQ_OPTION_FLAG, "schema", NULL,
		{"as a JSON Schema of the names", "sous forme de schéma JSON des noms"}},
	END,
};

const struct lq_command lq_commands[] = {
	{
		.name = "member add",
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 1,
		.options = member_add_options,
		.text = {"add a member", "ajouter un membre"},
		.example = "loquet member add 'Ada Example' --profile weekdays",
		.run = lq_run_member_add,
	},
	{
		.name = "member list",
		.operands = "",
		.options = no_options,
		.text = {"list the members", "lister les membres"},
		.example = "loquet member list",
		.run = lq_run_member_list,
	},
	{
		.name = "member show",
		.operands = "MEMBER",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"show a member and their badges", "montrer un membre et ses badges"},
		.example = "loquet member show m3",
		.run = lq_run_member_show,
	},
	{
		.name = "member set",
		.operands = "MEMBER",
		.operands_min = 1,
		.operands_max = 1,
		.options = member_set_options,
		.text = {"change what a member may do", "changer ce que peut un membre"},
		.example = "loquet member set m3 --any-time yes",
		.run = lq_run_member_set,
	},
	{
		.name = "member disable",
		.operands = "MEMBER",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"make every badge of a member open nothing",
			"ne plus rien ouvrir avec les badges d’un membre"},
		.example = "loquet member disable 'Ada Example'",
		.run = lq_run_member_disable,
	},
	{
		.name = "member enable",
		.operands = "MEMBER",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"undo 'member disable'", "annuler « member disable »"},
		.example = "loquet member enable m3",
		.run = lq_run_member_enable,
	},
	{
		.name = "badge enrol",
		.operands = "MEMBER",
		.operands_min = 1,
		.operands_max = 1,
		.options = badge_enrol_options,
		.text = {"give a member the badge that is tapped next",
			"donner à un membre le prochain badge présenté"},
		.details = {"WHEN is a date (2026-12-01), a local time of the space "
			    "('2026-12-01 08:00') or RFC 3339. The tap that enrols opens nothing.",
			"WHEN est une date (2026-12-01), une heure locale de l’espace "
			"('2026-12-01 08:00') ou RFC 3339. Le passage qui enrôle n’ouvre rien."},
		.example = "loquet badge enrol m3 --valid-to 2026-12-31",
		.run = lq_run_badge_enrol,
	},
	{
		.name = "badge set",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = badge_set_options,
		.text = {"change how often or how long a badge opens",
			"changer combien de fois ou combien de temps un badge ouvre"},
		.example = "loquet badge set c5 --uses 10",
		.run = lq_run_badge_set,
	},
	{
		.name = "badge revoke",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"revoke a badge", "révoquer un badge"},
		.example = "loquet badge revoke c5",
		.run = lq_run_badge_revoke,
	},
	{
		.name = "badge lost",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"mark a badge as lost", "déclarer un badge perdu"},
		.example = "loquet badge lost c5",
		.run = lq_run_badge_lost,
	},
	{
		.name = "badge suspend",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = badge_suspend_options,
		.text = {"make a badge open nothing for a while",
			"ne plus rien ouvrir avec un badge pour un temps"},
		.example = "loquet badge suspend c5",
		.run = lq_run_badge_suspend,
	},
	{
		.name = "badge stolen",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"mark a badge as stolen", "déclarer un badge volé"},
		.example = "loquet badge stolen c5",
		.run = lq_run_badge_stolen,
	},
	{
		.name = "badge returned",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"mark a badge as given back", "déclarer un badge rendu"},
		.example = "loquet badge returned c5",
		.run = lq_run_badge_returned,
	},
	{
		.name = "badge damaged",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"mark a badge as damaged", "déclarer un badge abîmé"},
		.example = "loquet badge damaged c5",
		.run = lq_run_badge_damaged,
	},
	{
		.name = "badge enable",
		.operands = "BADGE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"make a badge open again, whatever its state",
			"rouvrir avec un badge, quel que soit son état"},
		.example = "loquet badge enable c5",
		.run = lq_run_badge_enable,
	},
	{
		.name = "badge list",
		.operands = "[MEMBER]",
		.operands_max = 1,
		.options = no_options,
		.text = {"list the badges", "lister les badges"},
		.example = "loquet badge list m3",
		.run = lq_run_badge_list,
	},
	{
		.name = "export members",
		.operands = "",
		.options = no_options,
		.text = {"write the members as CSV", "écrire les membres en CSV"},
		.details =
			{"Columns: member,external_id,name,profile,enabled,any_time,extended_time. "
			 "loquet import members reads it back.",
				"Colonnes : "
				"member,external_id,name,profile,enabled,any_time,extended_time. "
				"loquet import members le relit."},
		.example = "loquet export members",
		.run = lq_run_export_members,
	},
	{
		.name = "export badges",
		.operands = "",
		.options = no_options,
		.text = {"write the badges as CSV, without their UIDs",
			"écrire les badges en CSV, sans leurs UID"},
		.details = {"Columns: badge,member,external_id,state,valid_from,valid_to,uses_left,"
			    "valid_for_h,suspended_until,badge_external_id. loquet import badges "
			    "reads it back.",
			"Colonnes : badge,member,external_id,state,valid_from,valid_to,uses_left,"
			"valid_for_h,suspended_until,badge_external_id. loquet import badges le "
			"relit."},
		.example = "loquet export badges",
		.run = lq_run_export_badges,
	},
	{
		.name = "import members",
		.operands = "FILE",
		.operands_min = 1,
		.operands_max = 1,
		.options = import_members_options,
		.text = {"take members from CSV, all of the file or nothing",
			"prendre des membres d’un CSV, tout le fichier ou rien"},
		.details = {"Columns: those of loquet export members in any order; member or "
			    "external_id finds who is there already, a new one needs "
			    "external_id, name and profile. A column that is not there changes "
			    "nothing. FILE may be - for standard input.",
			"Colonnes : celles de loquet export members dans n’importe quel ordre ; "
			"member ou external_id retrouve qui est déjà là, un nouveau demande "
			"external_id, name et profile. Une colonne absente ne change rien. FILE "
			"peut être - pour l’entrée standard."},
		.example = "loquet import members members.csv --dry-run",
		.run = lq_run_import_members,
	},
	{
		.name = "import badges",
		.operands = "FILE",
		.operands_min = 1,
		.operands_max = 1,
		.options = import_badges_options,
		.text = {"take badges from CSV, all of the file or nothing",
			"prendre des badges d’un CSV, tout le fichier ou rien"},
		.details = {"Columns: those of loquet export badges and uid (hexadecimal) in any "
			    "order; badge or uid finds what is there already, a new one needs "
			    "uid and its holder's member or external_id. A column that is not "
			    "there changes nothing. FILE may be - for standard input.",
			"Colonnes : celles de loquet export badges et uid (hexadécimal) dans "
			"n’importe quel ordre ; badge ou uid retrouve ce qui est déjà là, un "
			"nouveau demande uid et le member ou l’external_id de son porteur. Une "
			"colonne absente ne change rien. FILE peut être - pour l’entrée "
			"standard."},
		.example = "loquet import badges badges.csv --dry-run",
		.run = lq_run_import_badges,
	},
	{
		.name = "key new",
		.operands = "FILE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"make a key that signs commands", "créer une clé qui signe des commandes"},
		.details = {"Prints the line that goes below [command NAME] in loquet.conf. Keep "
			    "the "
			    "file where only its user can read it.",
			"Affiche la ligne à mettre sous [command NAME] dans loquet.conf. Garder le "
			"fichier lisible par son seul utilisateur."},
		.example = "loquet key new office.key",
		.run = lq_run_key_new,
	},
	{
		.name = "command sign",
		.operands = "COMMAND",
		.operands_min = 1,
		.operands_max = 1,
		.options = command_sign_options,
		.text = {"sign a command for the topic of commands",
			"signer une commande pour le sujet des commandes"},
		.details = {"Commands: door.open with --door, perhaps --extended; door.mode with "
			    "--door and --mode, perhaps --unless-refusing; reader.identify with "
			    "--door; badge.enrol-next with --door and --member, perhaps "
			    "--timeout; badge.read with --door, perhaps --reader and --timeout; "
			    "journal.replay with --from; config.reload. Each can be used once.",
			"Commandes : door.open avec --door, éventuellement --extended ; door.mode "
			"avec --door et --mode, éventuellement --unless-refusing ; "
			"reader.identify avec --door ; badge.enrol-next avec --door et --member, "
			"éventuellement --timeout ; badge.read avec --door, éventuellement "
			"--reader et --timeout ; journal.replay avec --from ; config.reload. "
			"Chacune ne sert "
			"qu’une fois."},
		.example =
			"loquet command sign --key office.key --as office --door front door.open",
		.run = lq_run_command_sign,
	},
	{
		.name = "profile set",
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 1,
		.options = profile_set_options,
		.text = {"say where and when a profile may enter",
			"dire où et quand un profil peut entrer"},
		.details = {"Replaces the profile of that name. The profile 'always' is built in.",
			"Remplace le profil de ce nom. Le profil « always » est intégré."},
		.example = "loquet profile set weekdays --at front/entry@office",
		.run = lq_run_profile_set,
	},
	{
		.name = "schedule set",
		.operands = "NAME PERIOD…",
		.operands_min = 2,
		.operands_max = LQ_OPERANDS_MAX,
		.options = schedule_set_options,
		.text = {"say which hours of the week a schedule has",
			"dire quelles heures de la semaine a un horaire"},
		.details = {"PERIOD is days and times: 'mon-fri 08:00-20:00', 'sat,sun "
			    "22:00-02:00'. French day names work too. On special days those of "
			    "--on replace the week. Replaces the schedule of that name.",
			"PERIOD : des jours et des heures, 'lun-ven 08:00-20:00', 'sam,dim "
			"22:00-02:00'. Les jours particuliers, ce que dit --on remplace la "
			"semaine. Remplace l’horaire de ce nom."},
		.example =
			"loquet schedule set office 'mon-fri 08:00-20:00' --on 'holidays closed'",
		.run = lq_run_schedule_set,
	},
	{
		.name = "day add",
		.operands = "GROUP DATE",
		.operands_min = 2,
		.operands_max = 2,
		.options = day_add_options,
		.text = {"add a special day to a group", "ajouter un jour particulier à un groupe"},
		.details = {"DATE is 2026-05-15, or 12-25 for every year. The group is made with "
			    "its first day; schedules name it with --on.",
			"DATE : 2026-05-15, ou 12-25 pour chaque année. Le groupe naît avec son "
			"premier jour ; les horaires le nomment avec --on."},
		.example = "loquet day add holidays 12-25 --label Christmas",
		.run = lq_run_day_add,
	},
	{
		.name = "day remove",
		.operands = "GROUP DATE",
		.operands_min = 2,
		.operands_max = 2,
		.options = no_options,
		.text = {"take a special day out of a group",
			"retirer un jour particulier d’un groupe"},
		.example = "loquet day remove holidays 2026-05-15",
		.run = lq_run_day_remove,
	},
	{
		.name = "day list",
		.operands = "",
		.options = no_options,
		.text = {"list the special days", "lister les jours particuliers"},
		.example = "loquet day list",
		.run = lq_run_day_list,
	},
	{
		.name = "open",
		.operands = "DOOR",
		.operands_min = 1,
		.operands_max = 1,
		.options = open_options,
		.text = {"open a door once", "ouvrir une porte une fois"},
		.example = "loquet open front",
		.run = lq_run_open,
	},
	{
		.name = "door mode",
		.operands = "DOOR MODE",
		.operands_min = 2,
		.operands_max = 2,
		.options = no_options,
		.text = {"say what is wanted of a door until somebody says otherwise",
			"dire ce qu’on veut d’une porte jusqu’à nouvel ordre"},
		.details = {"MODE is Locked, Unlocked, Blocked, LockedDown or LockedOpen. It "
			    "survives "
			    "a restart.",
			"MODE est Locked, Unlocked, Blocked, LockedDown ou LockedOpen. Il survit à "
			"un redémarrage."},
		.example = "loquet door mode front Blocked",
		.run = lq_run_door_mode,
	},
	{
		.name = "door hours",
		.operands = "[DOOR SCHEDULE]",
		.operands_max = 2,
		.options = door_hours_options,
		.text = {"let a door stand unlocked during a schedule",
			"laisser une porte déverrouillée pendant un horaire"},
		.details = {"SCHEDULE is one of 'schedule set', or none to end it. Without DOOR, "
			    "lists the doors that have hours. A mode that is set by hand holds "
			    "until "
			    "the next beginning or end.",
			"SCHEDULE vient de « schedule set », ou none pour y mettre fin. Sans DOOR, "
			"liste les portes qui ont un horaire. Un mode choisi à la main tient "
			"jusqu’au prochain début ou à la prochaine fin."},
		.example = "loquet door hours front office --first-person",
		.run = lq_run_door_hours,
	},
	{
		.name = "door prop",
		.operands = "DOOR MINUTES",
		.operands_min = 2,
		.operands_max = 2,
		.options = no_options,
		.text = {"let a door stand open for a while without an alarm, 0 ends it",
			"laisser une porte ouverte un moment sans alarme, 0 y met fin"},
		.example = "loquet door prop front 30",
		.run = lq_run_door_prop,
	},
	{
		.name = "door fire-confirm",
		.operands = "DOOR",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"confirm that a fire is over, so that the door may lock again",
			"confirmer la fin d’un incendie pour que la porte se reverrouille"},
		.example = "loquet door fire-confirm front",
		.run = lq_run_door_fire_confirm,
	},
	{
		.name = "maintainer add",
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 1,
		.options = maintainer_add_options,
		.text = {"let the badge that is tapped next open whatever else is lost",
			"laisser le prochain badge présenté ouvrir quoi qu’il arrive"},
		.details = {"For those who mend the door. At most 8, in a file apart from door.db. "
			    "A badge that shows its UID alone can be copied: keep it locked away.",
			"Pour qui dépanne la porte. 8 au plus, dans un fichier à part de door.db. "
			"Un badge qui ne montre que son UID se copie : le garder sous clé."},
		.example = "loquet maintainer add spare-badge",
		.run = lq_run_maintainer_add,
	},
	{
		.name = "maintainer list",
		.operands = "",
		.options = no_options,
		.text = {"list the maintainers' badges", "lister les badges de dépannage"},
		.example = "loquet maintainer list",
		.run = lq_run_maintainer_list,
	},
	{
		.name = "maintainer remove",
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"take a maintainer's badge back", "retirer un badge de dépannage"},
		.example = "loquet maintainer remove spare-badge",
		.run = lq_run_maintainer_remove,
	},
	{
		.name = "onsite",
		.operands = "",
		.options = onsite_options,
		.text = {"list who is in by the badges, and since when",
			"lister qui est là d’après les badges, et depuis quand"},
		.details = {"At least those: whoever came in with somebody else is not listed. "
			    "Where exits are not badged, some may have left.",
			"Au moins ceux-là : qui est entré avec quelqu’un d’autre n’y figure pas. "
			"Où les sorties ne sont pas badgées, certains sont peut-être partis."},
		.example = "loquet onsite",
		.run = lq_run_onsite,
	},
	{
		.name = "passback forgive",
		.operands = "MEMBER",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"let a member who is in by the badges enter once more",
			"laisser entrer encore une fois un membre déjà là d’après les badges"},
		.example = "loquet passback forgive m3",
		.run = lq_run_passback_forgive,
	},
	{
		.name = "status",
		.operands = "",
		.options = no_options,
		.text = {"show doors, readers, journal and link",
			"montrer portes, lecteurs, journal et liaison"},
		.example = "loquet status",
		.run = lq_run_status,
	},
	{
		.name = "watch",
		.operands = "",
		.options = no_options,
		.text = {"follow the taps as they happen", "suivre les passages en direct"},
		.details = {"Ends with Ctrl-C.", "Se termine par Ctrl-C."},
		.example = "loquet watch",
		.run = lq_run_watch,
	},
	{
		.name = "journal list",
		.operands = "",
		.options = journal_list_options,
		.text = {"show the last events", "montrer les derniers événements"},
		.example = "loquet journal list --type access --limit 20",
		.run = lq_run_journal_list,
	},
	{
		.name = "journal verify",
		.operands = "",
		.options = no_options,
		.text = {"prove that nothing was changed", "prouver que rien n’a été modifié"},
		.details = {"Recomputes the chain of hashes and checks every signature with the "
			    "controller's public key.",
			"Recalcule la chaîne d’empreintes et vérifie chaque signature avec la clé "
			"publique du contrôleur."},
		.example = "loquet journal verify",
		.run = lq_run_journal_verify,
	},
	{
		.name = "journal export",
		.operands = "",
		.options = journal_export_options,
		.text = {"write the events as lines of JSON",
			"écrire les événements en lignes JSON"},
		.details = {"Each line holds the exact bytes that were recorded. Purged rows are "
			    "left out; --proof keeps them.",
			"Chaque ligne contient les octets exacts enregistrés. Les lignes purgées "
			"sont omises ; --proof les garde."},
		.example = "loquet journal export --from 1000 --to-file events.jsonl",
		.run = lq_run_journal_export,
	},
	{
		.name = "journal replay",
		.operands = "",
		.options = journal_replay_options,
		.text = {"publish again from a row on", "republier à partir d’une ligne"},
		.example = "loquet journal replay --from 1000",
		.run = lq_run_journal_replay,
	},
	{
		.name = "config check",
		.operands = "[FILE]",
		.operands_max = 1,
		.options = no_options,
		.text = {"check a configuration file", "vérifier un fichier de configuration"},
		.example = "loquet config check /etc/loquet/loquet.conf",
		.run = lq_run_config_check,
	},
	{
		.name = "config show",
		.operands = "",
		.options = no_options,
		.text = {"show every setting with its effective value",
			"montrer chaque réglage avec sa valeur effective"},
		.example = "loquet config show",
		.run = lq_run_config_show,
	},
	{
		.name = "config reference",
		.operands = "",
		.options = no_options,
		.text = {"write the table of settings as mdoc",
			"écrire le tableau des réglages en mdoc"},
		.example = "loquet config reference",
		.run = lq_run_config_reference,
	},
	{
		.name = "reasons",
		.operands = "",
		.options = reasons_options,
		.text = {"list why a tap is granted or denied",
			"lister pourquoi un passage est autorisé ou refusé"},
		.example = "loquet reasons",
		.run = lq_run_reasons,
	},
	{
		.name = "help",
		.operands = "[COMMAND…]",
		.operands_max = 2,
		.options = no_options,
		.text = {"explain a command", "expliquer une commande"},
		.example = "loquet help badge enrol",
		.run = lq_run_help,
	},
};

const size_t lq_command_count = sizeof(lq_commands) / sizeof(lq_commands[0]);
