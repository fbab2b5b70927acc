/** Texts side by side, for people: what is different between them, without what nobody is to read. */
@NullMarked
package dev.flotilla.controller.difference;

import org.jspecify.annotations.NullMarked;
