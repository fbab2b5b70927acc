package dev.flotilla.mirror.upstream;

import java.net.URI;

/**
 * Where the provenance object of a file is.
 *
 * @param upstream the name of the index whose page says so
 * @param location absolute, http or https
 */
public record ProvenanceOrigin(String upstream, URI location) {}
