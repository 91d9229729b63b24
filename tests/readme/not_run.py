"""The commands of the documents that the test does not run, by what they need. One that stands in no
document any more fails the test, as does one that stands there and is neither run nor listed here."""

NOT_RUN = {
    "It installs packages and compiles for minutes. .ci/run has just run it, or runs it afterwards.": [
        "scripts/demo.sh", "scripts/test.sh", "scripts/test.sh --sanitize", ".ci/run", "scripts/setup.sh",
        "scripts/build.sh", "cmake --preset release && cmake --build --preset release",
        "cmake --workflow --preset ci", "cmake --workflow --preset dev",
        "ctest --preset ci -L golden", "ctest --preset ci -R Split", "ctest -L browser",
    ],
    "It compiles everything again in another way.": [
        "scripts/compile_alone.sh", "scripts/compile_alone.sh [--tests]",
        "scripts/compile_alone.sh", "scripts/compile_alone.sh [--tests]",
        "scripts/lint.sh", "scripts/lint.sh --all", "cmake --preset ci -DCMAKE_UNITY_BUILD=OFF",
    ],
    "It needs the images of NEU-CLS.": [
        "scripts/demo.sh --data DIR", "scripts/demo.sh --data path/to/neu-cls",
        "steelsight train NEU-CLS -o m.safetensors --arch vgg16-slim --seed 1 --report report",
        "scripts/cross_validate.sh NEU-CLS --folds 5 --seed 1 -- --arch vgg16-slim --threads 1",
        "scripts/measure_whole_program.sh NEU-CLS out",
        "scripts/measure_transfer.sh NEU-CLS out -- --arch resnet50 --weights FILE --layer layer2,layer3,layer4 "
        "--freeze features --head least_squares --views 1 --threads 1",
        "scripts/measure_unknown.sh NEU-CLS --seed 1 -- OPTIONS AS ABOVE --validation 0.2",
        'scripts/measure_extend.sh NEU-CLS out --new "In RS" -- --arch vgg16-slim --threads 1',
        "steelsight quantize --calibrate NEU-CLS -o model8.safetensors",
        "scripts/measure_frozen_epoch.sh NEU-CLS out -- --arch vgg16-slim --threads 1",
        "steelsight train NEU-CLS -o steelsight-slim.safetensors --arch vgg16-slim --test 0 --seed 1 --threads 1",
        "scripts/cross_validate.sh NEU-CLS --seed 1 -- --arch vgg16-slim --threads 1",
        "scripts/measure_unseen_classes.sh NEU-CLS out --first \"Cr PS RS\" --layer block3_pool,block4_pool,block5_pool "
        "-- --arch vgg16-slim --threads 1",
        "scripts/measure_whole_program.sh NEU-CLS out --model trunk.safetensors --many 0",
        "steelsight quantize --calibrate NEU-CLS -o m8.safetensors",
        "scripts/compare_settings.sh", "scripts/verify_kernels.sh",
    ],
    "It needs the images of magnetic_tile.": [
        "scripts/measure_few.sh magnetic_tile out --most free=250",
    ],
    "It needs weights of ImageNet.": [
        "steelsight train images -o model.safetensors --arch resnet50 --weights resnet50.safetensors "
        "--layer layer2,layer3,layer4 --freeze features --head least_squares",
        "steelsight train images -o model.safetensors --arch vgg16 --layer block4,block5 --freeze features "
        "--weights weights/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "steelsight distill labelled --unlabelled archive --teacher resnet50 --teacher-weights resnet50.safetensors "
        "-o backbone.safetensors",
        "steelsight extract images -o features --arch resnet50 --weights resnet50.safetensors --layer layer4",
        "scripts/measure_transfer.sh NEU-CLS out -- --arch resnet50 --weights FILE --layer L --freeze features "
        "--head least_squares --views 1 --threads 1",
        "scripts/measure_unknown.sh NEU-CLS --seed 1 -- --arch resnet50 --weights FILE --layer L --freeze features "
        "--head least_squares --views 1 --validation 0.2",
        "steelsight classify IMAGE --model vgg16.safetensors --threads 2",
    ],
    "It needs the network.": ["scripts/fetch_vgg16_weights.sh"],
    "It needs PyTorch or other programs (scripts/setup.sh --references).": [
        "scripts/verify_vgg16_import.sh", "scripts/verify_resnet50_import.sh",
        "scripts/verify_vgg16_import.sh --image Cr_1.bmp",
        "scripts/verify_resnet50_import.sh --weights FILE --image Cr_1.bmp",
        "scripts/bench_peers.sh", "scripts/bench_peers.sh OUT --threads 2 --rounds 2 --seconds 1",
        'scripts/bench_peers.sh OUT --what "int8 inference"', "scripts/setup.sh --references",
    ],
    "It writes pictures into the repository.": ["scripts/make_pictures.sh"],
    "It takes a quarter of an hour: a sample of it is a test of its own.": [
        "scripts/faults.sh", "scripts/faults.sh OUT",
    ],
    "It takes many minutes: after a change of what it looks at.": ["scripts/limits.sh", "scripts/measure_resume.sh"],
    "IMAGE stands for any image.": ["steelsight classify IMAGE -o out --threads 2"],
    "It needs clang, and minutes for each of its targets.": [
        ".ci/run --optional", "scripts/fuzz.sh", "scripts/fuzz.sh --seconds 3600 csv",
    ],
    "COMMAND stands for each of them, and the help page of each is read.": ["steelsight COMMAND --help"],
}
