package dev.flotilla.controller.local.route53;

import java.time.Instant;

/**
 * What a checker saw last (API Reference, StatusReport).
 *
 * @param passed whether the probe succeeded, before thresholds and inversion
 * @param detail a sentence for people
 */
record Observation(boolean passed, String detail, Instant checked) {}
