/* What of the awkward situations cannot be said in lines. Over the books of play.h, with the
 * persons 1 to 5 of test_edge_cases.c. */
#ifndef LQ_TESTS_EDGE_CHECKS_H
#define LQ_TESTS_EDGE_CHECKS_H

void check_a_replacement_for_a_lost_badge(void);     /* E18 */
void check_what_a_door_says_of_a_lent_badge(void);   /* E21 */
void check_a_host_who_leaves_before_the_guest(void); /* E22 */
void check_a_swap_and_a_race_at_the_limit(void);     /* E26 */

#endif
