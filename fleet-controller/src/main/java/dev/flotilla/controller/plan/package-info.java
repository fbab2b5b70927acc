/** What has to happen so that a fleet is as {@code fleet.conf} says, and how it is brought about. */
@NullMarked
package dev.flotilla.controller.plan;

import org.jspecify.annotations.NullMarked;
