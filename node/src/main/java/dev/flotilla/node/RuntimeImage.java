package dev.flotilla.node;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;

/** The part of the JDK that the programs of a node need, linked from the JDK that builds. */
final class RuntimeImage {
    /**
     * What jdeps finds in the programs and their libraries, without {@link #UNUSED}; {@code NodeArchiveIT} holds the
     * image against them.
     */
    static final List<String> MODULES = List.of(
            "java.base", "java.naming", "java.net.http", "java.sql", "jdk.jfr", "jdk.management", "jdk.unsupported");

    /**
     * What libraries name in parts that no program here enters: {@code java.beans} for binding configuration to beans and for
     * reflection on them (Typesafe Config, Commons Lang), which would bring all of AWT; annotation processors (Vert.x).
     */
    static final List<String> UNUSED = List.of("java.compiler", "java.desktop");

    private RuntimeImage() {}

    /** Links it into a folder that isn't there yet. The same JDK gives the same bytes. */
    static void link(Path folder) {
        var output = new StringWriter();
        int status = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new IllegalStateException("a JDK with jlink has to build this"))
                .run(
                        new PrintWriter(output, true),
                        new PrintWriter(output, true),
                        "--add-modules",
                        String.join(",", MODULES),
                        "--strip-java-debug-attributes",
                        "--no-header-files",
                        "--no-man-pages",
                        // The archive as a whole is compressed, and classes are read faster when they aren't.
                        // It makes other classes in each virtual machine; the JDK's own stay in its place.
                        "--disable-plugin",
                        "generate-jli-classes",
                        "--compress",
                        "zip-0",
                        "--output",
                        folder.toString());
        if (status != 0) {
            throw new IllegalStateException("jlink failed: " + output);
        }
    }
}
