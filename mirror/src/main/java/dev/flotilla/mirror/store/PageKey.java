package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.vocabulary.ProjectName;

/** Which page is meant. */
public sealed interface PageKey {
    /** The page of one project. */
    record Project(ProjectName name) implements PageKey {}

    /** The provenance object of one file, which is kept as pages are (PEP 740). */
    record Provenance(ProvenancePath path) implements PageKey {}

    /** The list of all projects. */
    record RootList() implements PageKey {}
}
