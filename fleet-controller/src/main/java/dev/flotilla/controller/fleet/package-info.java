/** What an operator wants: the fleet's description, read from {@code fleet.conf}. */
@NullMarked
package dev.flotilla.controller.fleet;

import org.jspecify.annotations.NullMarked;
