/** One controller at a time: the fleet's lock, which lies in its bucket, and what a writer asks before it writes. */
@NullMarked
package dev.flotilla.controller.lock;

import org.jspecify.annotations.NullMarked;
