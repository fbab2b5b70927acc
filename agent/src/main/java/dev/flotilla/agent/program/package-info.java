/** Programs of a release that run under the agent: what they may see, and how they judge a configuration. */
@NullMarked
package dev.flotilla.agent.program;

import org.jspecify.annotations.NullMarked;
