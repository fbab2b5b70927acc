/** Which node takes a release up when: the signed plan of a rollout, and the judgement that each node makes for itself. */
@NullMarked
package dev.flotilla.agent.rollout;

import org.jspecify.annotations.NullMarked;
