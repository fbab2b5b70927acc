/** Machines that are reached over SSH (RFC 4251 to 4254): host keys that are pinned, sessions that are shared, and no wait without an end. */
@NullMarked
package dev.flotilla.controller.ssh;

import org.jspecify.annotations.NullMarked;
