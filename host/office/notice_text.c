/* Regulation (EU) 2016/679, articles 12 to 22, and what the CNIL recommends for access control: a
 * sign that tells the most important, and where the rest is told. */
#include "host/office/notice_text.h"

#include <stddef.h>

const struct lq_notice_line lq_notice_sign[] = {
	{LQ_NOTICE_TITLE, LQ_NOTICE_ALWAYS, {"Access by badge", "Accès par badge"}},
	{LQ_NOTICE_LEAD, LQ_NOTICE_ALWAYS,
		{"A badge opens this door. Each use is recorded.",
			"Un badge ouvre cette porte. Chaque passage est enregistré."}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS, {"Who|{name}, {address}", "Qui|{name}, {address}"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Why|To secure the premises, to know how many people are inside, and to count "
		 "the half-days that are billed. Nobody is followed inside.",
			"Pourquoi|Sécuriser les locaux, connaître le nombre de personnes présentes "
			"et compter les demi-journées facturées. Personne n’est suivi à "
			"l’intérieur."}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"How long|Door times are erased after {days} days.",
			"Combien de temps|Les heures de passage sont effacées après {days} "
			"jours."}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Your rights|Access, rectification, erasure, restriction, objection: {contact}",
			"Vos droits|Accès, rectification, effacement, limitation, opposition : "
			"{contact}"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_WITH_DPO,
		{"Data protection officer|{dpo}", "Délégué à la protection des données|{dpo}"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Complaint|CNIL, www.cnil.fr", "Réclamation|CNIL, www.cnil.fr"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_WITH_CAPACITY,
		{"Capacity|{capacity} people at the most", "Jauge|{capacity} personnes au plus"}},
	{LQ_NOTICE_FOOT, LQ_NOTICE_WITH_PAGE,
		{"The full notice can be had at the desk, from {contact}, and at {page}/notice",
			"L’information complète est disponible à l’accueil, auprès de {contact}, "
			"et à l’adresse {page}/notice"}},
	{LQ_NOTICE_FOOT, LQ_NOTICE_WITHOUT_PAGE,
		{"The full notice can be had at the desk, and from {contact}",
			"L’information complète est disponible à l’accueil, et auprès de "
			"{contact}"}},
	{.kind = LQ_NOTICE_END},
};

const struct lq_notice_line lq_notice_full[] = {
	{LQ_NOTICE_TITLE, LQ_NOTICE_ALWAYS,
		{"Access by badge: how your data is used",
			"Accès par badge : usage de vos données"}},
	{LQ_NOTICE_LEAD, LQ_NOTICE_ALWAYS,
		{"{title}: notice under articles 13 and 14 of Regulation (EU) 2016/679 (GDPR).",
			"{title} : information au titre des articles 13 et 14 du règlement (UE) "
			"2016/679 (RGPD)."}},

	{LQ_NOTICE_HEADING, LQ_NOTICE_ALWAYS, {"Who is responsible", "Qui est responsable"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS, {"{name}, {address}", "{name}, {address}"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"Questions about your data: {contact}", "Questions sur vos données : {contact}"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_WITH_DPO,
		{"Data protection officer: {dpo}", "Délégué à la protection des données : {dpo}"}},

	{LQ_NOTICE_HEADING, LQ_NOTICE_ALWAYS,
		{"What it is for, and on what basis", "Pourquoi, et sur quelle base"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"To let in whoever may come, and nobody else|legitimate interest in the security "
		 "of people and premises (article 6(1)(f))",
			"Laisser entrer qui y a droit, et personne d’autre|intérêt légitime à la "
			"sécurité des personnes et des locaux (article 6.1.f)"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"To know how many people are inside, and whom to look for in an evacuation|"
		 "legitimate interest, and the duties of fire safety (article 6(1)(f) and (c))",
			"Connaître le nombre de personnes présentes, et qui chercher lors d’une "
			"évacuation|intérêt légitime, et obligations de sécurité incendie "
			"(article 6.1.f et c)"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"To count the half-days that are billed|the contract with you or with whoever "
		 "pays for you (article 6(1)(b) and (f))",
			"Compter les demi-journées facturées|le contrat avec vous ou avec qui "
			"paie pour vous (article 6.1.b et f)"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"It is no time clock, and readers stand at doors only: nobody is followed inside.",
			"Ce n’est pas une pointeuse, et les lecteurs ne sont qu’aux portes : "
			"personne n’est suivi à l’intérieur."}},

	{LQ_NOTICE_HEADING, LQ_NOTICE_ALWAYS, {"What is recorded", "Ce qui est enregistré"}},
	{LQ_NOTICE_ITEM, LQ_NOTICE_ALWAYS,
		{"your name, your e-mail address if you gave it, and when you may come;",
			"votre nom, votre adresse électronique si vous l’avez donnée, et quand "
			"vous pouvez venir ;"}},
	{LQ_NOTICE_ITEM, LQ_NOTICE_ALWAYS,
		{"a fingerprint of your badge’s number, from which the number cannot be read;",
			"une empreinte du numéro de votre badge, dont on ne peut retrouver le "
			"numéro ;"}},
	{LQ_NOTICE_ITEM, LQ_NOTICE_ALWAYS,
		{"each use of it: the door, the time, and whether the door opened;",
			"chaque passage : la porte, l’heure, et si la porte s’est ouverte ;"}},
	{LQ_NOTICE_ITEM, LQ_NOTICE_ALWAYS,
		{"what follows from that: your visits, and the half-days that are billed;",
			"ce qui en découle : vos visites, et les demi-journées facturées ;"}},
	{LQ_NOTICE_ITEM, LQ_NOTICE_ALWAYS,
		{"of a guest, also whose guest they are, from when to when, and what for.",
			"pour une personne invitée, aussi par qui, de quand à quand, et "
			"pourquoi."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"No picture is taken, and no trait of your body is measured.",
			"Aucune image n’est prise, et aucune donnée biométrique n’est relevée."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"Without these data no badge can be given. Whether it opens a door is decided by "
		 "the rules of the space alone; nobody is profiled.",
			"Sans ces données, aucun badge ne peut être remis. Seules les règles de "
			"l’espace décident s’il ouvre une porte ; aucun profil n’est établi."}},

	{LQ_NOTICE_HEADING, LQ_NOTICE_ALWAYS, {"How long it is kept", "Combien de temps"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Door times, visits and their corrections|{days} days",
			"Heures de passage, visites et leurs corrections|{days} jours"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Half-days billed, without door or time|as long as accounts have to be kept: "
		 "10 years",
			"Demi-journées facturées, sans porte ni heure|la durée légale de "
			"conservation des pièces comptables : 10 ans"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Name, e-mail address and badge|as long as you come here; erased at your request",
			"Nom, adresse électronique et badge|tant que vous venez ; effacés à votre "
			"demande"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Name of a guest, and what they came for|{days} days after their last visit, "
		 "or the end of their invitation",
			"Nom d’une personne invitée, et motif|{days} jours après sa dernière "
			"visite, ou la fin de son invitation"}},
	{LQ_NOTICE_PAIR, LQ_NOTICE_ALWAYS,
		{"Counts by the hour, which name nobody|without limit",
			"Comptages par heure, qui ne nomment personne|sans limite"}},

	{LQ_NOTICE_HEADING, LQ_NOTICE_ALWAYS, {"Who sees it", "Qui y a accès"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"Those who receive you see who is inside now. Only those who manage the space see "
		 "the past, and every look at somebody’s history is itself recorded.",
			"Les personnes qui vous accueillent voient qui est présent. Seules celles "
			"qui gèrent l’espace voient le passé, et chaque consultation d’un "
			"historique est elle-même consignée."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_WITH_RECIPIENTS,
		{"Others who receive data: {recipients}", "Autres destinataires : {recipients}"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_WITH_BOARD,
		{"The board that everybody sees shows counts, and the names only of those who "
		 "asked "
		 "for it.",
			"Le tableau visible de toutes et tous montre des nombres, et les noms des "
			"seules personnes qui l’ont demandé."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"You may ask to be counted without ever being named on a screen that others see.",
			"Vous pouvez demander à être compté sans jamais être nommé sur un écran "
			"que d’autres voient."}},

	{LQ_NOTICE_HEADING, LQ_NOTICE_ALWAYS,
		{"How many may be inside", "Combien de personnes à l’intérieur"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_WITH_CAPACITY,
		{"At the most {capacity} people. The public and the staff are counted apart. The "
		 "way "
		 "out is never refused.",
			"Au plus {capacity} personnes. Le public et le personnel sont comptés à "
			"part. La sortie n’est jamais refusée."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_WITH_EXITS,
		{"Badge on your way out as well: who did not is counted until the end of the day.",
			"Badgez aussi en sortant : sans cela, vous êtes compté jusqu’à la fin de "
			"la journée."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_WITHOUT_EXITS,
		{"The count is “at least so many”: nobody badges on the way out. In an evacuation "
		 "the list is an aid, and no proof.",
			"Le nombre affiché est un minimum : on ne badge pas en sortant. Lors d’une "
			"évacuation, la liste est une aide, pas une preuve."}},

	{LQ_NOTICE_HEADING, LQ_NOTICE_ALWAYS, {"Your rights", "Vos droits"}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"You may ask for a copy of your data, for their rectification, erasure or "
		 "restriction, to take along what you gave (portability), and you may object to "
		 "their use for reasons of your own. Write to {contact}; you are answered within a "
		 "month.",
			"Vous pouvez demander une copie de vos données, leur rectification, leur "
			"effacement, la limitation de leur usage ou leur portabilité, et vous "
			"opposer à leur usage pour des raisons qui vous sont propres. Écrivez à "
			"{contact} ; réponse sous un mois."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"A badge that is lost is to be reported at once: it is then invalid, and the "
		 "right "
		 "to come stays yours.",
			"Un badge perdu est à signaler aussitôt : il ne vaut plus rien, et votre "
			"droit de venir demeure."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_ALWAYS,
		{"Whoever finds their rights not respected may complain to the CNIL, 3 place de "
		 "Fontenoy, TSA 80715, 75334 Paris Cedex 07, www.cnil.fr.",
			"Si vous estimez que vos droits ne sont pas respectés, vous pouvez "
			"adresser "
			"une réclamation à la CNIL, 3 place de Fontenoy, TSA 80715, 75334 Paris "
			"Cedex 07, www.cnil.fr."}},
	{LQ_NOTICE_TEXT, LQ_NOTICE_WITH_PAGE,
		{"This text can be read at {page}/notice",
			"Ce texte peut être lu à l’adresse {page}/notice"}},
	{LQ_NOTICE_FOOT, LQ_NOTICE_ALWAYS, {"As of {date}", "En date du {date}"}},
	{.kind = LQ_NOTICE_END},
};
