/** What a region offers to clients, and every file by which they come to use it. Pure: no files, no network. */
@NullMarked
package dev.flotilla.clients;

import org.jspecify.annotations.NullMarked;
