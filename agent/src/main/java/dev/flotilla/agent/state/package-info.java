/** What an agent keeps in its state folder: where everything lies, what it remembers, the lock that keeps two agents apart. */
@NullMarked
package dev.flotilla.agent.state;

import org.jspecify.annotations.NullMarked;
