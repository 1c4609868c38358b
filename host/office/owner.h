/* Whoever owns the folder of the books runs the office. */
#ifndef LQ_OFFICE_OWNER_H
#define LQ_OFFICE_OWNER_H

/* Gives a file that was made by root, at the command line, to the owner of its folder; by anybody
 * else, does nothing. */
void lq_give_to_owner(const char *path);

#endif
