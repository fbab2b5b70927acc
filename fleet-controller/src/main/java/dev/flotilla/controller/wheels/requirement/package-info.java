/** What Python projects say of each other: versions (PEP 440), requirements and their markers (PEP 508). Pure; nothing here knows an index. */
@NullMarked
package dev.flotilla.controller.wheels.requirement;

import org.jspecify.annotations.NullMarked;
