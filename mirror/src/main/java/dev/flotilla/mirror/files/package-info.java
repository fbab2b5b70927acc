/** Files for clients: one verified download per file, which any number of clients follow while it grows. */
@NullMarked
package dev.flotilla.mirror.files;

import org.jspecify.annotations.NullMarked;
