/**
 * The local fleet's stand-in for Amazon Route 53: its REST API, health checks that really probe, and an authoritative
 * DNS server which answers by the documented rules.
 *
 * <p>{@link dev.flotilla.controller.local.route53.Route53StandIn} is the way in. {@code RestApi} speaks the wire format
 * and calls {@code HostedZones}, {@code HealthChecks} and {@code ResourceTags}; {@code ChangeRules} judges batches;
 * {@code HealthChecker} probes; {@code AnswerRules} chooses records and {@code NameServer} puts them into DNS messages.
 * docs/specs/route53.md lists every rule with the section of the AWS documentation that it follows.
 */
@NullMarked
package dev.flotilla.controller.local.route53;

import org.jspecify.annotations.NullMarked;
