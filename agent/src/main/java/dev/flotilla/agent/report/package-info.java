/** What a node says about itself: written by agents, read by the controller. */
@NullMarked
package dev.flotilla.agent.report;

import org.jspecify.annotations.NullMarked;
