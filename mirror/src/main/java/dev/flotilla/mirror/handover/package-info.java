/**
 * One mirror in place of another, without a lost request: the new process gets the very sockets at which the old one
 * listens, so that no connection is ever without somebody who accepts it.
 */
@NullMarked
package dev.flotilla.mirror.handover;

import org.jspecify.annotations.NullMarked;
