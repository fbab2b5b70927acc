/** What an index has of a project: pages and metadata by the simple API (PEP 691), which those who plan and those who build ask for. */
@NullMarked
package dev.flotilla.controller.wheels.index;

import org.jspecify.annotations.NullMarked;
