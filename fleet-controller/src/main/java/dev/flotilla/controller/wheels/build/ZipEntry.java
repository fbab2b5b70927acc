package dev.flotilla.controller.wheels.build;

/**
 * An entry of an archive as its central directory has it, once that agreed with the entry's own header.
 *
 * @param name plain: parts of letters divided by single slashes, none of them {@code .} or {@code ..}; a folder's ends with one
 * @param begin where its compressed bytes begin in the archive
 * @param packed how many these are
 * @param size of its content
 */
record ZipEntry(String name, int method, long begin, long packed, long size, long checksum) {
    boolean isFolder() {
        return name.endsWith("/");
    }
}
