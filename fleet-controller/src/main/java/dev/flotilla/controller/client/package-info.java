/** What clients of a fleet do: they resolve names and ask for pages and files, with the patience and the tries that pip has. */
@NullMarked
package dev.flotilla.controller.client;

import org.jspecify.annotations.NullMarked;
