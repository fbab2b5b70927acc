/** Carries out on this node what operators want beside the release: in the bucket for all nodes, or here for this one. */
@NullMarked
package dev.flotilla.agent.steering;

import org.jspecify.annotations.NullMarked;
