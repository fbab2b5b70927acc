/** Certificates of the fleet's names: issued by an ACME server, kept beside {@code fleet.conf}, judged. */
@NullMarked
package dev.flotilla.controller.certificates;

import org.jspecify.annotations.NullMarked;
