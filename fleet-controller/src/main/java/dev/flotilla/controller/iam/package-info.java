/** What each program of a fleet has to be allowed, and no more. */
@NullMarked
package dev.flotilla.controller.iam;

import org.jspecify.annotations.NullMarked;
