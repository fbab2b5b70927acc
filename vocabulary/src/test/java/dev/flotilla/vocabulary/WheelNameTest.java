package dev.flotilla.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.Machine.Library;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WheelNameTest {
    private static final Machine DEBIAN_12 = Machine.of("x86_64", Library.GLIBC, "2.36");

    @Test
    void thePartsOfANameAreThoseOfPep427() {
        assertThat(WheelName.parse("Foo.Bar-1.0+local_1-2b-cp38.cp39-abi3-manylinux1_x86_64.manylinux_2_5_x86_64.whl"))
                .contains(new WheelName(
                        new ProjectName("foo-bar"),
                        "1.0+local_1",
                        List.of("cp38", "cp39"),
                        List.of("abi3"),
                        List.of("manylinux1_x86_64", "manylinux_2_5_x86_64")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".whl",
                "foo-1.0.tar.gz",
                "foo-1.0.whl",
                "foo-1.0-py3-none.whl",
                "foo-1.0-x-py3-none-any.whl",
                "foo-1.0-1-2-py3-none-any.whl",
                "-1.0-py3-none-any.whl",
                "foo--py3-none-any.whl",
                "foo-1.0-py3--any.whl",
                "foo-1.0-py3.-none-any.whl",
                "foo-../..-py3-none-any.whl",
                "foo-1.0-py3-none-any.whl.metadata"
            })
    void whatIsNoWheelsNameHasNoParts(String filename) {
        assertThat(WheelName.parse(filename)).isEmpty();
    }

    /** As {@code packaging.tags.sys_tags} of that interpreter on that platform has it. */
    @ParameterizedTest
    @CsvSource({
        "py3-none-any, 11, true",
        "py2.py3-none-any, 11, true",
        "py2-none-any, 11, false",
        "py37-none-any, 11, true",
        "py312-none-any, 11, false",
        "cp311-cp311-linux_x86_64, 11, true",
        "cp311-cp311-linux_x86_64, 12, false",
        "cp311-cp311-linux_aarch64, 11, false",
        "cp311-none-any, 11, true",
        "cp310-none-any, 11, false",
        "cp38-abi3-manylinux_2_17_x86_64, 11, true",
        "cp312-abi3-manylinux_2_17_x86_64, 11, false",
        "cp37-cp37m-manylinux1_x86_64, 7, true",
        "cp37-cp37-manylinux1_x86_64, 7, false",
        "cp311-cp311-manylinux_2_36_x86_64, 11, true",
        "cp311-cp311-manylinux_2_37_x86_64, 11, false",
        "cp311-cp311-manylinux_3_1_x86_64, 11, false",
        "cp311-cp311-manylinux2014_x86_64, 11, true",
        "cp311-cp311-manylinux2014_i686, 11, false",
        "cp311-cp311-manylinux2010_x86_64.manylinux_2_99_x86_64, 11, true",
        "cp311-cp311-musllinux_1_1_x86_64, 11, false",
        "cp311-cp311-win_amd64, 11, false",
        "cp311-cp311-macosx_11_0_arm64, 11, false",
        "pp310-pypy310_pp73-manylinux_2_17_x86_64, 10, false",
        "cp313-cp313t-manylinux_2_17_x86_64, 13, false",
    })
    void whatFitsIsWhatInstallersTake(String tags, int minor, boolean fits) {
        var wheel = WheelName.parse("foo-1.0-" + tags + ".whl").orElseThrow();
        assertThat(wheel.fits(new Interpreter(minor, false), DEBIAN_12)).isEqualTo(fits);
    }

    @Test
    void anInterpreterWithoutTheGlobalLockHasAnAbiOfItsOwn() {
        var free = new Interpreter(13, true);
        assertThat(WheelName.parse("foo-1-cp313-cp313t-linux_x86_64.whl")
                        .orElseThrow()
                        .fits(free, DEBIAN_12))
                .isTrue();
        assertThat(WheelName.parse("foo-1-cp313-cp313-linux_x86_64.whl")
                        .orElseThrow()
                        .fits(free, DEBIAN_12))
                .isFalse();
        assertThat(WheelName.parse("foo-1-cp38-abi3-linux_x86_64.whl")
                        .orElseThrow()
                        .fits(free, DEBIAN_12))
                .isFalse();
        assertThat(WheelName.parse("foo-1-py3-none-any.whl").orElseThrow().fits(free, DEBIAN_12))
                .isTrue();
        assertThatThrownBy(() -> new Interpreter(12, true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void muslIsAnotherLibrary() {
        var alpine = Machine.of("aarch64", Library.MUSL, "1.2");
        var interpreter = new Interpreter(12, false);
        assertThat(WheelName.parse("foo-1-cp312-cp312-musllinux_1_1_aarch64.whl")
                        .orElseThrow()
                        .fits(interpreter, alpine))
                .isTrue();
        assertThat(WheelName.parse("foo-1-cp312-cp312-musllinux_1_3_aarch64.whl")
                        .orElseThrow()
                        .fits(interpreter, alpine))
                .isFalse();
        assertThat(WheelName.parse("foo-1-cp312-cp312-manylinux_2_17_aarch64.whl")
                        .orElseThrow()
                        .fits(interpreter, alpine))
                .isFalse();
        assertThat(WheelName.parse("foo-1-cp312-cp312-manylinux2014_aarch64.whl")
                        .orElseThrow()
                        .fits(interpreter, alpine))
                .isFalse();
    }
}
