/** The agent's own configuration. */
@NullMarked
package dev.flotilla.agent.configuration;

import org.jspecify.annotations.NullMarked;
