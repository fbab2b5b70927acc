package dev.flotilla.controller.simulate;

import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.vocabulary.RegionName;
import java.util.Optional;

/**
 * A node as the records have it.
 *
 * @param label the node's id, or its address where {@code fleet.conf} doesn't know it any more
 * @param check absent where a record has none: then the node always counts as healthy
 */
record NodeInDns(String label, RegionName region, String address, String type, Optional<CheckReference> check) {}
