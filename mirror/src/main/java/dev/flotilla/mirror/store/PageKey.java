package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ProjectName;

/** Which page is meant. */
public sealed interface PageKey {
    /** The page of one project. */
    record Project(ProjectName name) implements PageKey {}

    /** The list of all projects. */
    record RootList() implements PageKey {}
}
