package dev.flotilla.vocabulary;

import java.net.URI;

/** The public Python package index, which a mirror follows unless its configuration names another. */
public final class PublicIndex {
    /** Where the simple API of PyPI begins (PEP 503). */
    public static final URI INDEX = URI.create("https://pypi.org/simple/");

    /** The host that PyPI's pages name for files. */
    public static final String FILE_HOST = "files.pythonhosted.org";

    private PublicIndex() {}
}
