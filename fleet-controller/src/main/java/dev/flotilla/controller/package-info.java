@NullMarked
package dev.flotilla.controller;

import org.jspecify.annotations.NullMarked;
