/**
 * The fleet in DNS: which records there should be, what has to change for it, and the change itself through the Route53
 * API. All records exist before a region fails, so that failover needs no call.
 */
@NullMarked
package dev.flotilla.controller.dns;

import org.jspecify.annotations.NullMarked;
