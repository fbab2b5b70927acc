/** What an operator on call wants of a fleet's nodes beside their release: signed, bounded, and carried out by each node alone. */
@NullMarked
package dev.flotilla.agent.intent;

import org.jspecify.annotations.NullMarked;
